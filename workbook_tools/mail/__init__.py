"""Mail: composing, inspecting, queueing and sending completed forms."""
