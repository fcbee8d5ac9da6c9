"""The same form sent twice (重复提交) is one act: what is carried out leaves a row in the act's own transaction."""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.services.core.act import Act
from tracker.store.models import PostedForm

# A page left open overnight may be sent again the next morning; nobody does so after this.
KEPT_FOR = timedelta(days=7)


def claim(act: Act, key: str) -> bool:
    """Take a person's form as one to be carried out; False where it has been already.

    Whoever sends the same form at the same time waits here until the first is carried out or refused.
    """
    insert = postgresql.insert if act.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = insert(PostedForm).values(user_id=act.actor.user_id, key=key, at=act.now, led_to="")
    result = act.session.execute(made.on_conflict_do_nothing().returning(PostedForm.key))
    return result.first() is not None


def remember(act: Act, key: str, led_to: str) -> None:
    """Note where a form that was claimed has led; the person's rows of long ago go."""
    mine = PostedForm.user_id == act.actor.user_id
    unread = {"synchronize_session": False}
    act.session.execute(delete(PostedForm).where(mine, PostedForm.at < act.now - KEPT_FOR), execution_options=unread)
    led = update(PostedForm).where(mine, PostedForm.key == key).values(led_to=led_to)
    act.session.execute(led, execution_options=unread)
