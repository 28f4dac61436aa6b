"""The stages, one module each: thin Beam transforms around the domain and the ports."""
