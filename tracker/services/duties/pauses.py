"""Pauses of a duty (责任暂停): neither due nor overdue meanwhile."""

from tracker.rules.workflow import Action
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.deadlines.milestones import open_milestones
from tracker.services.deadlines.pauses import begin_pause, count_clocks_again, end_pause, why_paused
from tracker.services.deadlines.periods import catch_up
from tracker.services.duties.progress import carries, step_for, take
from tracker.store.models import Duty, Pause


def pause_duty(
    act: Act,
    duty: Duty,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> Pause:
    """暂停 a duty (supervisors): neither due nor overdue meanwhile; a date written as such does not move.

    Whose duty it is does not pause it, be he a supervisor as well: another does.
    """
    step_for(act.actor, duty, Action.PAUSE, version)
    permit(not carries(act.actor, duty), "本单位的责任不能自行暂停，请由另一位督查员暂停。")
    if duty.paused_at is not None:
        raise Refused("这项责任已经暂停。")
    clocks = [m for m in open_milestones(act.session, duty) if m.submitted_at is None]
    if not clocks:
        raise Refused("这项责任没有正在计时的时限，不需要暂停。")
    made = begin_pause(act, clocks, reason, authority, duty_id=duty.id)
    take(act, duty, Action.PAUSE, version, why_paused(made))
    duty.paused_at = act.now
    return made


def resume_duty(act: Act, duty: Duty, version: int | None = None) -> Pause:
    """恢复 a duty: counted dates are counted again; periods that ended meanwhile are not asked for afterwards."""
    calendar = act.calendar(duty.task.document.jurisdiction_id)
    step_for(act.actor, duty, Action.RESUME, version)
    if duty.paused_at is None:
        raise Refused("这项责任没有暂停。")
    ended = end_pause(act, Pause.duty_id == duty.id)
    take(act, duty, Action.RESUME, version, f"恢复计时（{ended.reason}）")
    duty.paused_at = None
    count_clocks_again(act, open_milestones(act.session, duty), calendar, ended)
    act.session.flush()  # the periods that fell away decide which are missing
    catch_up(act, duty, calendar)
    return ended
