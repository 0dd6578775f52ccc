"""OAuth: tokens, sign-in, renewal."""
