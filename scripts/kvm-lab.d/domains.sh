domains_up() { :; }; guests_answer() { :; }
