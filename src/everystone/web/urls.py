"""Every address of the site. A page says its own rule; of others only what the policy names is let through."""

from __future__ import annotations

from allauth.account import views as entrance
from allauth.mfa.base import views as second
from allauth.usersessions import views as sessions
from django.urls import path

from everystone.web import elsewhere, passkeys
from everystone.web.pages import (
    account,
    acting,
    beside,
    board,
    case,
    closing,
    conduct,
    duty,
    finding,
    handover,
    outside,
    people,
    recording,
    review,
    standards,
    today,
    told,
)
from everystone.web.second import SetUp

handler404 = "everystone.web.pages.refused.not_here"
handler500 = "everystone.web.pages.refused.went_wrong"

urlpatterns = [
    path("", account.first, name="first"),
    path("account", account.account, name="account"),
    path("today", today.today, name="today"),
    path("case/<str:case>", case.case, name="case"),
    path("case/<str:case>/seen", acting.seen, name="seen"),
    path("case/<str:case>/done", acting.done, name="done"),
    path("case/<str:case>/reason", acting.reason, name="reason"),
    path("case/<str:case>/finding/<str:finding>", finding.show, name="finding"),
    path("case/<str:case>/finding/<str:finding>/reply", finding.reply, name="reply"),
    path("case/<str:case>/finding/<str:finding>/wrong", finding.wrong, name="wrong"),
    path("case/<str:case>/finding/<str:finding>/accept", finding.accept, name="accept"),
    path("case/<str:case>/finding/<str:finding>/decide", finding.decide, name="decide"),
    path("case/<str:case>/review", review.review, name="review"),
    path("case/<str:case>/closing", closing.show, name="closing"),
    path("case/<str:case>/closing/ask", closing.ask, name="closing_ask"),
    path("case/<str:case>/closing/sign", closing.sign, name="closing_sign"),
    path("case/<str:case>/closing/refuse", closing.refuse, name="closing_refuse"),
    path("case/<str:case>/closing/gate", closing.gate, name="closing_gate"),
    path("outside", outside.open_outside, name="outside"),
    path("openings", outside.shown, name="openings"),
    path("case/<str:case>/opening", outside.review, name="opening"),
    path("standards", standards.standards, name="standards"),
    path("standards/manual/<str:name>", standards.of_manual, name="manual"),
    path("challenges", finding.challenged, name="challenges"),
    path("case/<str:case>/direct", acting.direct, name="direct"),
    path("case/<str:case>/allocate", acting.allocate, name="allocate"),
    path("case/<str:case>/record", recording.choose, name="choose"),
    path("case/<str:case>/record/<str:kind>", recording.record, name="record"),
    path("board", board.show, name="board"),
    path("duty", duty.show, name="duty"),
    path("duty/roster", duty.roster, name="roster"),
    path("duty/leave", duty.leave, name="leave"),
    path("handover", handover.show, name="handover"),
    path("handover/leave", handover.leave, name="hand_over"),
    path("handover/accept", handover.accept, name="accept_line"),
    path("told", told.show, name="told"),
    path("told/seen", told.seen, name="told_seen"),
    path("people", people.people, name="people"),
    path("people/<str:reference>", people.person, name="person"),
    path("sealed", conduct.sealed, name="sealed"),
    path("sealed/look", conduct.look, name="look"),
    path("sealed/matter/<path:stream>", conduct.matter, name="matter"),
    path("other-systems", beside.beside, name="beside"),
    path("case/<str:case>/same", beside.same, name="same"),
    path("sign-in", entrance.login, name="account_login"),
    path("sign-in/code", passkeys.Code.as_view(), name="mfa_authenticate"),
    path("sign-in/by/<str:provider_id>", elsewhere.login, name="openid_connect_login"),
    path("sign-in/by/<str:provider_id>/back", elsewhere.back, name="openid_connect_callback"),
    path("sign-in/passkey", passkeys.SignIn.as_view(), name="mfa_login_webauthn"),
    path("account/passkeys", passkeys.Listed.as_view(), name="mfa_list_webauthn"),
    path("account/passkeys/new", passkeys.Make.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/give-up", passkeys.Remove.as_view(), name="mfa_remove_webauthn"),
    path("account/passkey-again", passkeys.Again.as_view(), name="mfa_reauthenticate_webauthn"),
    path("sign-in/second-factor", SetUp.as_view(), name="mfa_activate_totp"),
    path("sign-out", entrance.logout, name="account_logout"),
    path("account/again", entrance.reauthenticate, name="account_reauthenticate"),
    path("account/code-again", second.reauthenticate, name="mfa_reauthenticate"),
    path("account/password", entrance.password_change, name="account_change_password"),
    path("account/sessions", sessions.list_usersessions, name="usersessions_list"),
]
