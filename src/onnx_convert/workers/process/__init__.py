"""From an assignment of the core to a worker in a process of its own: template, warden, child."""
