"""A made-up Medbook: two databases with years of history about people who do not exist, and the uses made of them.

``build`` fills the databases, ``jobs`` are Medbook's own uses of them, ``oracle`` says by hand whose row is whose.
"""

from portal.demo.medbook.people import Person
from portal.demo.medbook.planted import planted_values
from portal.demo.medbook.world import SHOWCASE, DemoWorld, build, demo_people

__all__ = ["SHOWCASE", "DemoWorld", "Person", "build", "demo_people", "planted_values"]
