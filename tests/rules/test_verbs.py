"""The verbs and subjects of the trail, written out a second time by hand: rows that never change hold these."""

from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import Action

# What databases in use hold.  A line may be added; none may be renamed or go: old entries would lose their words.
VERBS = """
    source.take_in upload.begin upload.fail upload.discard plan.answer document.open document.facts
    document.publish document.issue_date document.file_away measure.confirm measure.split measure.join measure.add
    measure.take_out doubt.answer limit.choose name.settle name.collective name.rematch edition.date_undated
    edition.answer_past edition.recut edition.take_back edition.open edition.change edition.adopt_all
    edition.apply edition.discard duty.role duty.dates dates.recount duty.acknowledge duty.report duty.submit
    duty.complete duty.send_back duty.close duty.revoke duty.restore duty.pause duty.resume duty.extend
    duty.decide duty.add duty.completed_with_task case.open case.import case.import_closed case.event case.step
    case.refer case.sign case.return case.progress case.ask_pause case.not_paused case.pause case.resume
    case.extend case.extended case.not_extended case.conclude case.visit case.note case.unmask case_type.create
    case_type.revise case_type.retire case_type.restore case_type.from_rule case_type.take calendar.draft
    calendar.apply calendar.discard calendar.recount unit.create unit.update unit.alias group.create group.alias
    user.create user.disable user.password user.login user.logout message.sent message.failed message.resend
"""
SUBJECTS = """
    source upload plan document edition measure duty case case_type calendar unit group user message
"""
LONGEST = 60  # the column's


def test_every_spelling_that_was_ever_stored_is_a_verb_or_a_subject_still() -> None:
    assert VERBS.split() == [verb.value for verb in Verb]
    assert SUBJECTS.split() == [subject.value for subject in Subject]


def test_every_action_on_a_duty_has_its_verb() -> None:
    assert {f"duty.{action}" for action in Action} <= set(Verb)


def test_a_stored_spelling_is_said_by_its_label_and_an_unknown_one_by_itself() -> None:
    assert (Verb.said("duty.submit"), Verb.said("duty.hand_over")) == ("申请办结", "duty.hand_over")
    assert (Subject.said("case"), Subject.said("errand")) == ("办件", "errand")


def test_a_spelling_fits_its_column() -> None:
    assert [said for said in (*Verb, *Subject) if len(said) > LONGEST] == []
