"""Mail: rows queued with what they tell, rendered and sent later. Knows no case; holds no personal content."""
