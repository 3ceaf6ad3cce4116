"""How a part of a name is looked for."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import IContains
from django.db.models.sql.compiler import SQLCompiler

# The index holds pieces of so many letters.
PIECE = 3


class Part(IContains):
    """As `icontains`; on PostgreSQL by the index of pieces of names, which migration `name_search` makes."""

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        """The condition, behind one that the index can answer."""
        sql, params = self.as_sql(compiler, connection)
        if len(self.rhs) < PIECE:
            return sql, list(params)
        column, column_params = compiler.compile(self.lhs)
        by_index = f"training_trigrams({column}) @> training_trigrams(%s)"
        return f"({by_index} AND {sql})", [*column_params, self.rhs, *params]
