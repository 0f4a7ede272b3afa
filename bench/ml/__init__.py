"""The learnt part measured on applications that no model and no rule was made with."""
