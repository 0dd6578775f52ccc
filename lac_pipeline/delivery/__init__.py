"""What is handed out: the snapshot document for agents, the report and the plots for people. Pure; reads nothing."""
