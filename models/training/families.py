"""All scene families. Importing this fills the registry."""

import buildings  # noqa: F401
import creatures  # noqa: F401
import interiors  # noqa: F401
import landscapes  # noqa: F401
import objects  # noqa: F401
import places  # noqa: F401
import things  # noqa: F401
import vehicles  # noqa: F401
