"""PostgreSQL finds a part of a name by an index of three-letter pieces of names; SQLite reads its index of names."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FUNCTION = """
CREATE FUNCTION training_trigrams(name text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT array_agg(DISTINCT substr(lower(name), n, 3)) FROM generate_series(1, greatest(length(name) - 2, 1)) n $$
"""
INDEX = "CREATE INDEX training_job_name_part ON training_trainingjob USING gin (training_trigrams(name))"


def _make(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION)
        schema_editor.execute(INDEX)


def _drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX training_job_name_part")
        schema_editor.execute("DROP FUNCTION training_trigrams")


class Migration(migrations.Migration):
    """Runs after the table of jobs is there."""

    dependencies = [("training", "0001_initial")]
    operations = [migrations.RunPython(_make, _drop)]
