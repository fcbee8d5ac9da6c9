"""The same form sent twice (重复提交) is one act: what is carried out leaves a row in the act's own transaction."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from tracker.services.core.act import Act
from tracker.store.models import PostedForm

# A page left open overnight may be sent again the next morning; nobody does so after this.
KEPT_FOR = timedelta(days=7)


def remember(act: Act, key: str, led_to: str) -> None:
    """Note that a person's form was carried out and where it led him; his rows of long ago go."""
    old = delete(PostedForm).where(PostedForm.user_id == act.actor.user_id, PostedForm.at < act.now - KEPT_FOR)
    act.session.execute(old, execution_options={"synchronize_session": False})
    insert = postgresql.insert if act.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = insert(PostedForm).values(user_id=act.actor.user_id, key=key, at=act.now, led_to=led_to)
    act.session.execute(made.on_conflict_do_nothing())
