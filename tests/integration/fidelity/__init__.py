"""Compare what certbeam draws with what Chromium draws."""
