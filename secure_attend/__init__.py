"""Secure-Attend: attendance by face. `create_app` is the one place where the parts meet."""
