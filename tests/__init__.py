"""Tests: unit (no app, no database), web, sources, journeys (a real browser), house (rules the code keeps)."""
