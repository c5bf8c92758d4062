"""A real Apache Kafka on this machine: `Node` is one broker, `Cluster` is several.

Both are context managers. Their processes end with the program that started them, whatever ends it.
"""

from dev.kafka.cluster import Cluster
from dev.kafka.missing import Missing
from dev.kafka.node import Node

__all__ = ["Cluster", "Missing", "Node"]
