"""Who is calling: API keys and what their owners may do."""

from dataclasses import dataclass

from .store import Store


@dataclass(frozen=True)
class User:
    """An account, as far as a call needs it. id -1: nobody."""

    id: int
    role: str

    @property
    def may_write(self) -> bool:
        """Whether the account may do more than read."""
        return self.role in ("user", "admin")

    @property
    def is_admin(self) -> bool:
        """Whether the account may change what others own."""
        return self.role == "admin"


ANYBODY = User(-1, "nobody")


def user_of_key(store: Store, api_key: str) -> User | None:
    """The owner of `api_key`, or None. Upper and lower case are the same, as on V1."""
    row = store.row("SELECT id, role FROM user WHERE api_key = ? COLLATE NOCASE", (api_key,))
    return None if row is None else User(row["id"], row["role"])
