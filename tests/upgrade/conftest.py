"""What the unit tests of migrations have serves here, too."""

from __future__ import annotations

from tests.unit.conftest import forked_migration

__all__ = ["forked_migration"]
