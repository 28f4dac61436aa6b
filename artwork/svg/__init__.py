"""Reading and normalising SVG: parsing, sanitising, CSS, images, transforms."""
