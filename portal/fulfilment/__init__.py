"""Doing what a right demands: locate, collect, package, preview, apply. No views; other stages are never imported.

The modules here work on a ``Subject`` and the data map alone, so they can be tried without a case.
"""
