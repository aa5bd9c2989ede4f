"""Plans, poverty standards, units and input columns: data, and what reads them."""
