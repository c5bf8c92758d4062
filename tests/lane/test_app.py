"""The Faust app around the lanes: how the group knows a worker."""

from app.lane.app import instance_id


def test_a_worker_is_known_again_at_its_address_and_is_another_member_elsewhere() -> None:
    """The group answers a member that it knows with its former address, which Faust takes for a bug, and stops."""
    here, there = instance_id("w1", "http://10.0.0.1:6066"), instance_id("w1", "http://10.0.0.2:6066")
    assert here == instance_id("w1", "http://10.0.0.1:6066")
    assert len({here, there, instance_id("w2", "http://10.0.0.1:6066")}) == 3
    assert all(each.replace(".", "").isalnum() for each in (here, there)), "as Kafka allows"
    assert instance_id("w1", "") == "w1"
