"""Config: settings, URL assembly, worker and command line. Nothing imports it but the processes it starts."""
