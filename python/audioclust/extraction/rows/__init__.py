"""Rows of tables chosen, put together, and exchanged with other libraries."""
