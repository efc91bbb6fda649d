"""The panels of the coding case: SQL over the table of records, run by DuckDB, shown by Observable Framework."""
