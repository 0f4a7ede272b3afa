"""Running the same work again on a scratch copy, isolated and watched, and telling what it showed."""
