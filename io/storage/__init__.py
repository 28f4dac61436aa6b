"""Where the files of certificates are put."""
