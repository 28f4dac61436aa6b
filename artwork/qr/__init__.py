"""QR codes as vectors (ISO/IEC 18004)."""
