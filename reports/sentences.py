"""What the history says of documents, printing and files."""

SENTENCES: dict[str, str] = {}
