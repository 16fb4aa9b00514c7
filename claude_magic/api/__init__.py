"""OUT AND BACK: request body, HTTP, server-sent events, what each model can do and costs."""
