"""Items and what is known of them as columns, for other libraries and from them."""
