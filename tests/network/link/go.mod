module link

go 1.23
