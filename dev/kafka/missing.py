"""What keeps Kafka from running here, in one line that says what to do."""


class Missing(Exception):  # noqa: N818 - a state of this machine, not a programming error
    """Java, Maven, a port or disk space is not there. Its text is for the person at the terminal."""
