"""What leaves the building: documents, files, jobs, verification."""
