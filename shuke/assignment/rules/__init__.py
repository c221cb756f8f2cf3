"""Pure decisions: who gets whom (`sharing`), and who goes back to the pool (`pooling`)."""
