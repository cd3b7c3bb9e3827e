"""What people see: pictures, the HTML report and tables for the terminal."""
