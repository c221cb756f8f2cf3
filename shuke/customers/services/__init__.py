"""What is done to customers. One service is one user action: permission, lock, rule, save with audit, publish."""
