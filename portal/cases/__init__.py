"""The waist: what every stage knows of a case, and the only place that changes its status."""
