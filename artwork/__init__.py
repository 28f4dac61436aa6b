"""Everything that is drawn: SVG templates, text, QR codes, PNG and PDF. No Beam, no network, no files."""
