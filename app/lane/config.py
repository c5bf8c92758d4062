"""What the engine must be told. An application fills it from its own settings."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneConfig:
    """Times are in seconds, sizes in bytes, unless the name says otherwise."""

    app_id: str  # consumer group, and prefix of the internal topics
    worker_id: str  # stable across restarts: transactional id, group instance id, folder of the data
    bootstrap: tuple[str, ...]  # host:port of some brokers
    partitions: int  # of every topic; it cannot change later
    replication: int
    min_insync: int
    data_dir: Path
    standbys: int
    session_timeout: float
    heartbeat_interval: float
    transaction_timeout: float  # after which the broker aborts a transaction that its owner left open
    transaction_deadline: float  # after which we give one up and rebuild its producer
    request_timeout: float
    drain_timeout: float = 5.0  # for a cycle that is under way when partitions are revoked
    lost_grace: float = 60.0  # how long a worker may sit on lanes that it lost before it exits
    cycle_records: int = 4000
    cycle_bytes: int = 8 << 20
    slice_seconds: float = 0.001  # handlers run this long before HTTP and timers get their turn
    lane_records: int = 8000  # a lane stops fetching above this, and starts again below half of it
    fetch_wait_ms: int = 100  # a broker with nothing new answers after this
    fetch_bytes: int = 8 << 20  # one answer to a fetch
    partition_fetch_bytes: int = 1 << 20
    max_record_bytes: int = 900_000  # key, value and headers of anything that we write
    memory_bytes: int = 128 << 20  # block cache and write buffers of all databases of the worker together
    cached_rows: int = 20_000  # decoded rows kept in memory, all partitions together

    @property
    def rows_topic(self) -> str:
        """The changelog of all tables, which also carries the positions of the sources (see `app.lane.positions`)."""
        return f"{self.app_id}-rows"

    @property
    def indexes_topic(self) -> str:
        """The changelog of all indexes: lanes of all partitions write to it."""
        return f"{self.app_id}-indexes"
