"""The Medbook privacy portal: people exercise their rights under the GDPR here, and get their answer."""
