"""AWX and the Ansible Automation Platform: which playbooks ran, and which failed."""
