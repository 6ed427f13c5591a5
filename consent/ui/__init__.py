"""What the visitor sees: texts, files and pages; knows no request and signs nothing."""
