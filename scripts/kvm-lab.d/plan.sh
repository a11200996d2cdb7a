plan_write() { :; }
