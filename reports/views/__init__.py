"""Pages of the year, the signing, the print centre, the documents and the public verification."""
