"""The demo: a made-up Medbook with people, staff and cases. Stands beside the command line; nothing else imports it."""
