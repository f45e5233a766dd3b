"""Who may come where: one table, held against every address, every role and both methods (docs/rules.md, roles)."""

from collections.abc import Callable

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.site import Scene, Site, address_of, snapshot
from vng_alv.access import access_of
from vng_alv.app import create_app
from vng_alv.domain.permissions import Permission, Role

P = Permission

#: What each address asks for. A new address without a row here fails.
ADDRESSES: dict[str, Permission | str] = {
    "identity.passkey_options": "public",
    "identity.second_step": "public",
    "identity.sign_in": "public",
    "identity.sign_in_with_passkey": "public",
    "identity.sign_out": "public",
    "joining.accept": "public",
    "joining.accept_with_passkey": "public",
    "joining.passkey_options": "public",
    "recovering.asked": "public",
    "recovering.confirm_address": "public",
    "recovering.confirmed": "public",
    "recovering.forgotten": "public",
    "recovering.reset": "public",
    "checking.check": "public",
    "checking.checked": "public",
    "security": "public",
    "signing.keys": "public",
    "single_sign_on.back": "public",
    "single_sign_on.begin": "public",
    "amendments.index": "public",
    "amendments.show": "public",
    "consultation.comments": "public",
    "consultation.comments_csv": "public",
    "figures.agreement": "public",
    "figures.by_meeting": "public",
    "figures.by_member": "public",
    "figures.show": "public",
    "figures.turnout": "public",
    "tables.amendments": "public",
    "tables.ballots": "public",
    "tables.follow_ups": "public",
    "tables.motions": "public",
    "tables.outcomes": "public",
    "tables.reactions": "public",
    "tables.register": "public",
    "desk_tables.attendance": P.READ_MEETINGS,
    "desk_tables.audit_log": P.READ_AUDIT,
    "desk_tables.mandates": P.READ_MEETINGS,
    "desk_tables.matrix": P.READ_REACTIONS,
    "desk_tables.notices": P.READ_NOTICES,
    "desk_tables.people": P.READ_PEOPLE,
    "desk_tables.reactions": P.READ_REACTIONS,
    "desk_tables.silent": P.READ_PEOPLE,
    "demo.inbox": "public",
    "demo.index": "public",
    "demo.letter": "public",
    "demo.letter_html": "public",
    "demo.step_in": "public",
    "exports.amendment_docx": "public",
    "exports.compared_docx": "public",
    "exports.decision_list": "public",
    "exports.decisions": "public",
    "exports.published_minutes": "public",
    "exports.result_list": "public",
    "exports.set_pdf": "public",
    "exports.set_zip": "public",
    "exports.text_docx": "public",
    "exports.text_pdf": "public",
    "following.questions": "public",
    "hall.picture": "public",
    "hall.show": "public",
    "health": "public",
    "meetings.index": "public",
    "meetings.show": "public",
    "members.download": "public",
    "members.index": "public",
    "motions.accounts": "public",
    "motions.index": "public",
    "motions.show": "public",
    "proposals.compare": "public",
    "proposals.section": "public",
    "proposals.show": "public",
    "results.home": "public",
    "results.meeting_results": "public",
    "results.round_csv": "public",
    "results.round_json": "public",
    "results.round_bundle": "public",
    "results.verify": "public",
    "member_pages.show": "public",
    "member_pages.votes": "public",
    "results.verifier": "public",
    "results.round_result": "public",
    "results.turnout": "public",
    "web.about": "public",
    "web.accessibility": "public",
    "web.language": "public",
    "account.address": P.ACCOUNT,
    "account.data": P.ACCOUNT,
    "account.end_others": P.ACCOUNT,
    "account.end_session": P.ACCOUNT,
    "account.index": P.ACCOUNT,
    "account.log": P.ACCOUNT,
    "account.password": P.ACCOUNT,
    "factors.add_app": P.ACCOUNT,
    "factors.add_passkey": P.ACCOUNT,
    "factors.codes": P.ACCOUNT,
    "factors.index": P.ACCOUNT,
    "factors.new_app": P.ACCOUNT,
    "factors.new_codes": P.ACCOUNT,
    "factors.new_passkey": P.ACCOUNT,
    "factors.passkey_options": P.ACCOUNT,
    "factors.remove_app": P.ACCOUNT,
    "factors.remove_passkey": P.ACCOUNT,
    "steps.confirm": P.ACCOUNT,
    "steps.confirmed": P.ACCOUNT,
    "preparing.history": P.MEMBER,
    "preparing.prepare": P.MEMBER,
    "following.advice": P.VOTE,
    "voting.ballot": P.VOTE,
    "voting.secret_ballot": P.VOTE,
    "voting.cast_secret": P.VOTE,
    "voting.cast": P.VOTE,
    "voting.find_receipt": P.VOTE,
    "voting.receipt": P.VOTE,
    "voting.receipt_file": P.VOTE,
    "voting.review": P.VOTE,
    "noting.note": P.VOTE,
    "motions.change": P.MEMBER,
    "motions.create": P.REACT,
    "motions.discard": P.REACT,
    "motions.edit": P.REACT,
    "motions.follow_up": P.MANAGE_MEETINGS,
    "motions.follow_ups": P.READ_MEETINGS,
    "motions.put_on_agenda": P.MANAGE_MEETINGS,
    "motions.split": P.MEMBER,
    "motions.submit": P.MEMBER,
    "municipality.give_proxy": P.MEMBER,
    "municipality.index": P.MEMBER,
    "municipality.invite": P.MEMBER,
    "municipality.leave": P.MEMBER,
    "municipality.mandate": P.MEMBER,
    "municipality.office": P.MEMBER,
    "municipality.show": P.MEMBER,
    "municipality.take_back": P.MEMBER,
    "municipality.take_proxy_back": P.MEMBER,
    "consultation.attachment": "public",
    "convening.document": "public",
    "convening.show": "public",
    "convening.prepare": P.READ_MEETINGS,
    "convening.convene": P.MANAGE_MEETINGS,
    "convening.documents": P.MANAGE_MEETINGS,
    "convening.change_document": P.MANAGE_MEETINGS,
    "convening.withdraw": P.MANAGE_MEETINGS,
    "consultation.attachments": P.REACT,
    "consultation.change_attachment": P.REACT,
    "consultation.history": P.REACT,
    "amendments.change": P.MEMBER,
    "amendments.create": P.REACT,
    "amendments.discard": P.REACT,
    "amendments.edit": P.REACT,
    "amendments.offer_late": P.MEMBER,
    "amendments.preview": P.REACT,
    "amendments.preview_new": P.REACT,
    "amendments.submit": P.MEMBER,
    "merging.adapt": P.REACT,
    "merging.publish": P.MANAGE_MEETINGS,
    "merging.section": P.MANAGE_MEETINGS,
    "merging.show": P.MANAGE_MEETINGS,
    "merging.stop": P.MANAGE_MEETINGS,
    "submissions.advice_list": P.ADVISE,
    "submissions.advise": P.ADVISE,
    "submissions.answer_along": P.MEMBER,
    "submissions.ask_along": P.REACT,
    "submissions.deadlines": P.MANAGE_MEETINGS,
    "submissions.decide": P.ADVISE,
    "submissions.discard_advice": P.ADVISE,
    "submissions.publish_advice": P.ADVISE,
    "submissions.withdraw": P.MEMBER,
    "consultation.react": P.REACT,
    "consultation.send": P.REACT,
    "consultation.withdraw": P.REACT,
    "console.show": P.SECRETARIAT,
    "secretariat.index": P.SECRETARIAT,
    "members.apply": P.MANAGE_REGISTER,
    "members.import_file": P.MANAGE_REGISTER,
    "members.change_settings": P.MANAGE_REGISTER,
    "members.preview": P.READ_REGISTER,
    "members.settings": P.READ_REGISTER,
    "members.decision_rules": P.READ_REGISTER,
    "members.make_decision_rule": P.MANAGE_REGISTER,
    "members.remove_decision_rule": P.MANAGE_REGISTER,
    "attending.show": P.READ_MEETINGS,
    "attending.record": P.MANAGE_MEETINGS,
    "attending.check_in": P.MANAGE_MEETINGS,
    "attending.stand": P.SECRETARIAT,
    "attending.undo": P.MANAGE_MEETINGS,
    "registering.show": P.MEMBER,
    "secretariat.invite": P.MANAGE_PEOPLE,
    "secretariat.invite_again": P.MANAGE_PEOPLE,
    "inviting.import_file": P.MANAGE_PEOPLE,
    "inviting.remind": P.MANAGE_PEOPLE,
    "chasing.delegates": P.MANAGE_PEOPLE,
    "chasing.silent": P.MANAGE_PEOPLE,
    "chasing.failed": P.MANAGE_PEOPLE,
    "inviting.start": P.MANAGE_PEOPLE,
    "inviting.template": P.MANAGE_PEOPLE,
    "inviting.progress": P.READ_PEOPLE,
    "inviting.show": P.READ_PEOPLE,
    "persons.change_roles": P.GRANT_ROLES,
    "persons.disable": P.MANAGE_PEOPLE,
    "persons.enable": P.MANAGE_PEOPLE,
    "persons.end_sessions": P.MANAGE_PEOPLE,
    "persons.erase": P.ERASE_PEOPLE,
    "persons.show": P.READ_PEOPLE,
    "secretariat.people": P.READ_PEOPLE,
    "secretariat.resend": P.MANAGE_PEOPLE,
    "consultation.close": P.MANAGE_MEETINGS,
    "consultation.open_consultation": P.MANAGE_MEETINGS,
    "meetings.add_item": P.MANAGE_MEETINGS,
    "members.change_standing_agenda": P.MANAGE_REGISTER,
    "members.standing_agenda": P.READ_REGISTER,
    "running.copy": P.MANAGE_MEETINGS,
    "running.change": P.MANAGE_MEETINGS,
    "running.end_block": P.RUN_ROUNDS,
    "running.make_block": P.RUN_ROUNDS,
    "running.move": P.MANAGE_MEETINGS,
    "running.remove": P.MANAGE_MEETINGS,
    "running.set_current": P.RUN_ROUNDS,
    "running.show": P.SECRETARIAT,
    "running.tick": P.MANAGE_MEETINGS,
    "running.timeline": P.READ_MEETINGS,
    "meetings.create": P.MANAGE_MEETINGS,
    "proposals.advice": P.MANAGE_MEETINGS,
    "proposals.correct": P.MANAGE_MEETINGS,
    "proposals.create": P.MANAGE_MEETINGS,
    "proposals.import_text": P.MANAGE_MEETINGS,
    "proposals.place": P.MANAGE_MEETINGS,
    "proposals.publish": P.MANAGE_MEETINGS,
    "proposals.recognise": P.MANAGE_MEETINGS,
    "secretariat.mandates": P.READ_MEETINGS,
    "answering.answer": P.ANSWER,
    "answering.delete_theme": P.ANSWER,
    "answering.group": P.ANSWER,
    "answering.merge_theme": P.ANSWER,
    "answering.move_theme": P.ANSWER,
    "answering.save_theme": P.ANSWER,
    "answering.matrix": P.READ_REACTIONS,
    "answering.process": P.READ_REACTIONS,
    "answering.theme": P.READ_REACTIONS,
    "answering.themes": P.READ_REACTIONS,
    "answering.stands": P.READ_REACTIONS,
    "answering.silent": P.READ_PEOPLE,
    "closing.archive_file": P.READ_MEETINGS,
    "closing.archive_progress": P.READ_MEETINGS,
    "closing.make_archive": P.MANAGE_MEETINGS,
    "closing.publish_minutes": P.MANAGE_MEETINGS,
    "closing.show": P.READ_MEETINGS,
    "exports.answers": P.READ_REACTIONS,
    "exports.draft_minutes": P.MANAGE_MEETINGS,
    "exports.public_answers": "public",
    "console.announce": P.RUN_ROUNDS,
    "console.take_back_announcement": P.RUN_ROUNDS,
    "console.annul": P.RUN_ROUNDS,
    "console.confirm_annul": P.RUN_ROUNDS,
    "console.keep_after_all": P.RUN_ROUNDS,
    "console.missing": P.RUN_ROUNDS,
    "console.papers": P.RUN_ROUNDS,
    "console.choose_paper": P.RUN_ROUNDS,
    "console.enter_paper": P.RUN_ROUNDS,
    "console.withdraw_paper": P.RUN_ROUNDS,
    "console.close": P.RUN_ROUNDS,
    "console.lapse": P.RUN_ROUNDS,
    "console.move": P.RUN_ROUNDS,
    "console.open_rounds": P.RUN_ROUNDS,
    "console.prepare": P.RUN_ROUNDS,
    "console.publish": P.RUN_ROUNDS,
    "console.rules": P.RUN_ROUNDS,
    "console.show_order": P.RUN_ROUNDS,
    "console.extend": P.RUN_ROUNDS,
    "console.plan": P.RUN_ROUNDS,
    "console.rehearse": P.RUN_ROUNDS,
    "console.unplan": P.RUN_ROUNDS,
    "console.ask_options": P.RUN_ROUNDS,
    "console.hold_run_off": P.RUN_ROUNDS,
    "console.draw_lots": P.RUN_ROUNDS,
    "console.tellers_index": P.SECRETARIAT,
    "console.tellers_of": P.SECRETARIAT,
    "console.give_key": P.TELL,
    "console.open_envelopes": P.TELL,
    "console.take_key_away": P.RUN_ROUNDS,
    "console.acclaim": P.RUN_ROUNDS,
    "console.note": P.RUN_ROUNDS,
    "console.object_to": P.RUN_ROUNDS,
    "console.prepare_on_advice": P.RUN_ROUNDS,
    "secretariat_factors.ask": P.RESET_FACTORS,
    "secretariat_factors.confirm": P.RESET_FACTORS,
    "secretariat_factors.index": P.RESET_FACTORS,
    "secretariat_factors.withdraw": P.RESET_FACTORS,
    "secretariat.notices": P.READ_NOTICES,
    "secretariat.audit_log": P.READ_AUDIT,
    "rights.index": P.READ_RIGHTS,
}
_READING = {
    P.READ_REGISTER, P.READ_PEOPLE, P.READ_MEETINGS, P.READ_REACTIONS, P.READ_NOTICES, P.READ_AUDIT, P.READ_RIGHTS,
}  # fmt: skip
_MANAGING = _READING | {
    P.MANAGE_REGISTER, P.MANAGE_PEOPLE, P.MANAGE_MEETINGS, P.ANSWER, P.ADVISE, P.RESET_FACTORS, P.ERASE_PEOPLE,
    P.GRANT_ROLES,
}  # fmt: skip
EVERYBODY = {P.VOTE, P.REACT, P.ACCOUNT, P.MEMBER}
#: What each kind of visitor may ask for, written out again so that a change of the product's table is a choice.
MAY: dict[str, set[Permission]] = {
    "guest": set(),
    "nobody": EVERYBODY,
    "own": EVERYBODY,
    "other": EVERYBODY,
    "official": EVERYBODY,
    Role.BOARD: EVERYBODY | {P.SECRETARIAT, P.ADVISE},
    Role.RAPPORTEUR: EVERYBODY | {P.SECRETARIAT, P.READ_REACTIONS, P.ANSWER, P.ADVISE},
    Role.SECRETARIAT: EVERYBODY | {P.SECRETARIAT, P.RUN_ROUNDS} | _MANAGING,
    Role.CHAIR: EVERYBODY | {P.SECRETARIAT, P.RUN_ROUNDS},
    Role.TELLER: EVERYBODY | {P.SECRETARIAT, P.TELL},
    Role.AUDITOR: EVERYBODY | {P.SECRETARIAT} | _READING,
    Role.ADMINISTRATOR: EVERYBODY | {P.SECRETARIAT} | _MANAGING,
}
#: Addresses where, behind the gate, an office at the member is asked for.
BY_OFFICE = {
    "motions.change", "motions.create", "motions.discard", "motions.edit", "motions.split",
    "consultation.react", "consultation.send", "consultation.withdraw", "consultation.history",
    "consultation.attachments", "consultation.change_attachment", "amendments.create", "amendments.preview_new",
}  # fmt: skip


def addresses(app: Flask) -> list[tuple[str, str]]:
    """(endpoint, method) of every address; signing out comes last, since it ends the session."""
    found = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static" and not rule.endpoint.startswith("demo.")
    }
    return sorted(found, key=lambda pair: (pair[0] == "identity.sign_out", *pair))


def was_refused(answer: TestResponse) -> bool:
    """Whether the gate kept somebody out."""
    to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/inloggen?next=")
    return answer.status_code in {401, 403} or to_sign_in


def test_every_address_says_what_it_asks_for_and_has_a_row_in_the_table(make_site: Callable[..., Site]) -> None:
    app = make_site(demo=True).app
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    with app.app_context():
        assert {endpoint: access_of(endpoint) for endpoint in endpoints} == ADDRESSES


def test_an_address_without_a_mark_is_refused_to_everybody(site: Site, scene: Scene) -> None:
    site = Site(site.settings, create_app(site.settings))
    site.app.add_url_rule("/vergeten", "forgotten", lambda: "secret", methods=["GET", "POST"])
    for _, person in scene.everybody():
        browser = site.browser(person)
        assert browser.get("/vergeten").status_code == 403
        assert browser.post("/vergeten").status_code == 403


def test_every_visitor_gets_where_the_table_says_and_nowhere_else(site: Site, scene: Scene) -> None:
    wrong, browsers = list[str](), {name: site.browser(person) for name, person in scene.everybody()}
    assert set(browsers) == set(MAY)
    before = snapshot()
    for allowed in (False, True):  # the refused ones first: after them nothing may have changed
        for endpoint, method in addresses(site.app):
            for name, browser in browsers.items():
                asked = ADDRESSES[endpoint]
                if (asked == "public" or asked in MAY[name]) is not allowed:
                    continue
                path = address_of(site, endpoint, method, scene.address)
                answer = browser.get(path) if method == "GET" else browser.post(path)
                if allowed:
                    by_office = endpoint in BY_OFFICE and answer.status_code == 403
                    right = answer.status_code < 500 and (by_office or not was_refused(answer))
                else:
                    refusal = 403 if name != "guest" else 303 if method == "GET" else 401
                    right = answer.status_code == refusal and (name != "guest" or was_refused(answer))
                if not right:
                    wrong.append(f"{name} {method} {path}: {answer.status_code}, allowed={allowed}")
        if not allowed:
            assert snapshot() == before
    assert not wrong, "\n".join(wrong)


def test_after_signing_in_a_guest_comes_where_they_wanted_to_be(site: Site, scene: Scene) -> None:
    answer = site.browser().get("/stemmen/alv?gemeente=GM0001")
    assert answer.headers["Location"] == "/inloggen?next=/stemmen/alv?gemeente%3DGM0001"
