"""What the training changed: from questionnaires to estimates."""
